/** The standing reports of admission, as files. */
import { Button } from 'antd';
import { useFilters } from '../../parts/filters';
import { Page, Panel } from '../../parts/page';
import { useWords } from '../../words/catalogue';
import { words } from './report-words';

const KINDS = ['illegal-access', 'admission'] as const;
const FORMATS = ['xlsx', 'pdf'] as const;

export default function Reports() {
	const w = useWords(words);
	const unit = useFilters().number('unit');
	const text = { 'illegal-access': w.illegalText, admission: w.admissionText };
	const address = (kind: string, format: string) =>
		`/api/v1/reports/${kind}?format=${format}${unit ? `&unit=${unit}` : ''}`;
	return (
		<Page title={w.reports} hint={w.hint} tree="terminals">
			{KINDS.map((kind) => (
				<Panel key={kind} title={w[kind]}>
					<p>{text[kind]}</p>
					<div className="row">
						{FORMATS.map((format) => (
							<Button key={format} href={address(kind, format)} download>
								{w[format]}
							</Button>
						))}
					</div>
				</Panel>
			))}
		</Page>
	);
}
