/** A page that fails takes only itself down. */
import { Alert, Button } from 'antd';
import { Component, type ReactNode } from 'react';
import { useWords } from '../words/catalogue';
import { common } from '../words/common';

function Broken() {
	const c = useWords(common);
	return (
		<Alert
			type="error"
			showIcon
			title={c.pageBroken}
			action={<Button onClick={() => window.location.reload()}>{c.reload}</Button>}
		/>
	);
}

export class Guarded extends Component<{ children: ReactNode }, { broken: boolean }> {
	override state = { broken: false };

	static getDerivedStateFromError() {
		return { broken: true };
	}

	override render() {
		return this.state.broken ? <Broken /> : this.props.children;
	}
}
