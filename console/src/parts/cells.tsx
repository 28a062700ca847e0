/** How the things of the product look in a table, a list and a page: the same everywhere. */
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api, call, type Schema } from '../api/client';
import { useLanguage, useNames, useWords } from '../words/catalogue';
import { common } from '../words/common';
import {
	modeNames,
	postureNames,
	requestStatusNames,
	terminalStatusNames,
	verdictNames,
} from '../words/names';
import { Mark, type Tone } from './mark';

const VERDICT: Record<string, Tone> = { admit: 'good', isolate: 'warn', reject: 'bad' };
const POSTURE: Record<string, Tone> = {
	good: 'good',
	bad: 'bad',
	silent: 'warn',
	unknown: 'plain',
};
const MODE: Record<string, Tone> = { observe: 'plain', warn: 'warn', enforce: 'info' };
const REQUEST: Record<string, Tone> = {
	pending: 'info',
	approved: 'good',
	refused: 'bad',
	withdrawn: 'plain',
};
const STATUS: Record<string, Tone> = {
	'in-use': 'good',
	approved: 'info',
	applied: 'info',
	'in-repair': 'warn',
	scrapped: 'plain',
};

export function Verdict({ of }: { of: string | null }) {
	const name = useNames(verdictNames);
	return of ? <Mark tone={VERDICT[of] ?? 'plain'}>{name(of)}</Mark> : <span>—</span>;
}

export function Posture({ of }: { of: string }) {
	const name = useNames(postureNames);
	return <Mark tone={POSTURE[of] ?? 'plain'}>{name(of)}</Mark>;
}

export function Mode({ of }: { of: string }) {
	const name = useNames(modeNames);
	return <Mark tone={MODE[of] ?? 'plain'}>{name(of)}</Mark>;
}

export function TerminalStatus({ of }: { of: string }) {
	const name = useNames(terminalStatusNames);
	return <Mark tone={STATUS[of] ?? 'plain'}>{name(of)}</Mark>;
}

export function RequestStatus({ of }: { of: string }) {
	const name = useNames(requestStatusNames);
	return <Mark tone={REQUEST[of] ?? 'plain'}>{name(of)}</Mark>;
}

export function Mac({ of }: { of: string | null | undefined }) {
	return <span className="mono">{of ?? '—'}</span>;
}

export function useReasons() {
	return useQuery({
		queryKey: ['reasons'],
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: async () => (await call(api.GET('/reasons'))).rows,
	});
}

/** The sentence of a reason code; the code itself until the table has arrived. */
export function useReasonSentence(): (code: string | null | undefined) => string {
	const language = useLanguage();
	const reasons = useReasons();
	return (code) => {
		if (!code) return '';
		const reason = reasons.data?.find((r) => r.code === code);
		return reason ? (language === 'zh' ? reason.zh : reason.en) : code;
	};
}

export function Reason({ of }: { of: string | null | undefined }) {
	const sentence = useReasonSentence();
	return <span>{sentence(of)}</span>;
}

export function Place(props: { switchName: string | null; port: string | null }) {
	if (!props.switchName && !props.port) return <span>—</span>;
	return (
		<span className="nowrap">
			{props.switchName ?? '?'} <span className="mono">{props.port}</span>
		</span>
	);
}

export function TerminalLink(props: { id: number | null; name: string | null }) {
	if (!props.id) return <span>—</span>;
	return (
		<Link to={`/terminals/${props.id}`} className="mono">
			{props.name ?? props.id}
		</Link>
	);
}

export function Lifeline({ on }: { on: boolean }) {
	const c = useWords(common);
	return on ? <Mark tone="info">{c.lifeline}</Mark> : null;
}

export type TerminalRow = Schema['TerminalRow'];
