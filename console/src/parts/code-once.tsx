/** A secret that is shown this one time: an enrolment code, a first password. */
import { Alert, App, Button } from 'antd';
import { catalogue, useWords } from '../words/catalogue';
import { common } from '../words/common';
import { Time } from './time';

const words = catalogue({
	once: ['只显示这一次，请立即交给使用人。', 'Shown this once: hand it over now.'],
	copyFailed: ['无法复制，请手工抄写', 'Copying failed; write it down'],
});

export function CodeOnce(props: { label: string; code: string; until?: number }) {
	const w = useWords(words);
	const c = useWords(common);
	const { message } = App.useApp();
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(props.code);
			message.success(c.copied);
		} catch {
			message.warning(w.copyFailed);
		}
	};
	return (
		<Alert
			type="success"
			className="code-once"
			title={props.label}
			description={
				<div className="stack">
					<code className="secret">{props.code}</code>
					<span>
						{w.once}
						{props.until && (
							<>
								{' '}
								{c.until}: <Time at={props.until} />
							</>
						)}
					</span>
					<div>
						<Button onClick={copy}>{c.copy}</Button>
					</div>
				</div>
			}
		/>
	);
}
