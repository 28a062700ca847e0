/** What somebody typed into the history's box: the server decides, this only says it. */
import { MAC_INPUT } from './knocks';

export type Typed = 'asMac' | 'asAddress' | 'asNetwork' | 'asWords';

const IPV4 = /^(\d{1,3}\.){3}\d{1,3}$/;
const IPV6 = /^[0-9a-f]*:[0-9a-f:]*:?[0-9a-f.]*$/i;

export function typedAs(text: string): Typed {
	if (MAC_INPUT.test(text)) return 'asMac';
	const [host = '', bits] = text.split('/');
	if (IPV4.test(host) || IPV6.test(host)) return bits === undefined ? 'asAddress' : 'asNetwork';
	return 'asWords';
}
