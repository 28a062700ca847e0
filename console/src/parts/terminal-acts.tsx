/** Isolating and releasing a terminal: with a reason, for a time, on the record. */
import { api, call, TOKEN } from '../api/client';
import { useMay } from '../api/session';
import { catalogue, useWords } from '../words/catalogue';
import { useAsk } from './ask';
import { Expiry, expiresAt } from './expiry';

const words = catalogue({
	isolate: ['隔离', 'Isolate'],
	isolateTitle: (asset: string) => [`隔离终端 ${asset}`, `Isolate ${asset}`],
	isolateText: [
		'终端将被移入隔离修复区，只能访问登记页面和客户端服务。在线终端立即生效，离线终端在下次接入时生效。',
		'The terminal moves to the isolation network, where only the enrolment page and the agent gateway answer. At once if it is online, at its next admission if not.',
	],
	release: ['解除隔离', 'Release'],
	releaseTitle: (asset: string) => [`解除隔离 ${asset}`, `Release ${asset}`],
	releaseText: [
		'解除后按终端自身的安全检查结果决定能否入网。',
		'From then on its own posture decides whether it is admitted.',
	],
});

interface Subject {
	id: number;
	asset_no: string;
}

export function useTerminalActs() {
	const w = useWords(words);
	const ask = useAsk();
	const may = useMay('security', 'regional');
	const params = (id: number) => ({ path: { id }, header: TOKEN });
	return {
		may,
		words: w,
		isolate: (t: Subject) =>
			ask({
				title: w.isolateTitle(t.asset_no),
				text: w.isolateText,
				fields: <Expiry />,
				initial: { expiry: 0 },
				danger: true,
				confirm: w.isolate,
				run: ({ reason, expiry }) =>
					call(
						api.POST('/terminals/{id}/isolate', {
							params: params(t.id),
							body: { reason, until_at: expiresAt(expiry) },
						}),
					),
			}),
		release: (t: Subject) =>
			ask({
				title: w.releaseTitle(t.asset_no),
				text: w.releaseText,
				confirm: w.release,
				run: ({ reason }) =>
					call(api.POST('/terminals/{id}/release', { params: params(t.id), body: { reason } })),
			}),
	};
}
