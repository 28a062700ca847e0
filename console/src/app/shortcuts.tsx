/** Keys without a modifier, ignored while somebody types or a dialogue is open. */
import { useEffect, useRef } from 'react';

function typing(target: EventTarget | null): boolean {
	return (
		target instanceof HTMLElement &&
		(target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
	);
}

function covered(): boolean {
	return (
		document.querySelector('.ant-modal-wrap:not([style*="display: none"]), .ant-drawer-open') !==
		null
	);
}

export function useShortcut(key: string, act: () => void, enabled = true): void {
	const latest = useRef(act);
	latest.current = act;
	useEffect(() => {
		if (!enabled) return;
		const pressed = (event: KeyboardEvent) => {
			if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey) return;
			if (typing(event.target) || covered()) return;
			event.preventDefault();
			latest.current();
		};
		window.addEventListener('keydown', pressed);
		return () => window.removeEventListener('keydown', pressed);
	}, [key, enabled]);
}
