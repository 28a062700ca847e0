/**
 * The server puts a fresh nonce into index.html; styles made at run time must carry it, or the
 * content policy drops them. antd's own take it from ConfigProvider; what measures scroll bars
 * below it does not, so every style element gets it where it is made.
 */

export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;

export function giveStylesTheNonce(): void {
	const make = document.createElement.bind(document) as typeof document.createElement;
	document.createElement = ((name: string, options?: ElementCreationOptions) => {
		const element = make(name, options);
		if (nonce && element instanceof HTMLStyleElement) element.nonce = nonce;
		return element;
	}) as typeof document.createElement;
}
