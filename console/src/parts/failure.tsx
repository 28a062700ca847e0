/** Says in the person's language what went wrong, and offers to try again. */
import { Alert, Button } from 'antd';
import { ApiError } from '../api/client';
import { useLanguage, useWords } from '../words/catalogue';
import { common } from '../words/common';

export function useSentence(): (error: unknown) => string {
	const language = useLanguage();
	const w = useWords(common);
	return (error) => (error instanceof ApiError ? error.in(language) : w.pageBroken);
}

export function Failure({ error, again }: { error: unknown; again?: () => void }) {
	const w = useWords(common);
	const sentence = useSentence();
	return (
		<Alert
			type="error"
			showIcon
			role="alert"
			title={sentence(error)}
			action={again && <Button onClick={again}>{w.retry}</Button>}
		/>
	);
}
