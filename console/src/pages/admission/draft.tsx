/** The policy that a dry run decides by: the one of each record's time, a draft that waits, or one that is typed. */
import { useQuery } from '@tanstack/react-query';
import { Button, Input, Select } from 'antd';
import { useRef } from 'react';
import { api, call, type Schema } from '../../api/client';
import { timeText } from '../../parts/time';
import { useWords } from '../../words/catalogue';
import { words } from './rollout-words';

export type Policy = Record<string, unknown>;

export interface Draft {
	/** 'none', 'typed', or the number of the proposal. */
	from: 'none' | 'typed' | number;
	typed: string;
}

export const NO_DRAFT: Draft = { from: 'none', typed: '' };
const FILE_MAX = 64 * 1024;

type Waiting = { id: number; detail: Record<string, unknown> };

const asPolicy = (v: unknown): Policy | undefined =>
	typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Policy) : undefined;

/** undefined: none is asked for; null: what is chosen is no policy. */
export function policyOf(draft: Draft, waiting: Waiting[]): Policy | null | undefined {
	if (draft.from === 'none') return undefined;
	if (draft.from !== 'typed')
		return asPolicy(waiting.find((p) => p.id === draft.from)?.detail.policy) ?? null;
	try {
		return asPolicy(JSON.parse(draft.typed)) ?? null;
	} catch {
		return null;
	}
}

/** Drafts that a second person has not confirmed yet. */
export function useWaiting() {
	return useQuery({
		queryKey: ['proposals', { open: true }, 'policy.publish', 'drafts'],
		queryFn: async () =>
			(
				await call(api.GET('/proposals', { params: { query: { open: true, limit: 200 } } }))
			).rows.filter((p) => p.act === 'policy.publish'),
	});
}

export function DraftChoice(props: {
	waiting: Schema['Proposal'][];
	draft: Draft;
	set: (draft: Draft) => void;
}) {
	const w = useWords(words);
	const { waiting, draft, set } = props;
	const file = useRef<HTMLInputElement>(null);
	const read = async (chosen: File | undefined) => {
		if (chosen && chosen.size <= FILE_MAX) set({ from: 'typed', typed: await chosen.text() });
	};
	return (
		<div className="stack">
			<Select<Draft['from']>
				aria-label={w.policy}
				value={draft.from}
				onChange={(from) => set({ ...draft, from })}
				popupMatchSelectWidth={false}
				options={[
					{ value: 'none', label: w.policyNone },
					...waiting.map((p) => ({
						value: p.id,
						label: w.policyWaiting(p.proposed_by_name, timeText(p.proposed_at).slice(0, 16)),
					})),
					{ value: 'typed', label: w.policyTyped },
				]}
			/>
			{draft.from === 'typed' && (
				<div className="stack">
					<Input.TextArea
						aria-label={w.policyText}
						className="mono"
						rows={8}
						maxLength={FILE_MAX}
						placeholder={w.policyText}
						value={draft.typed}
						onChange={(e) => set({ ...draft, typed: e.target.value })}
					/>
					<input
						ref={file}
						type="file"
						accept=".json,application/json"
						hidden
						onChange={(e) => read(e.target.files?.[0])}
					/>
					<div>
						<Button size="small" onClick={() => file.current?.click()}>
							{w.policyFile}
						</Button>
					</div>
				</div>
			)}
		</div>
	);
}
