/** Ctrl+K: finds a person, an address, a MAC in any notation, a number. One hit opens itself. */
import { useQuery } from '@tanstack/react-query';
import { Input, Modal } from 'antd';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { api, call } from '../api/client';
import type { paths } from '../api/schema';
import { Failure } from '../parts/failure';
import { momentText } from '../parts/time';
import { useNames, useWords } from '../words/catalogue';
import { common } from '../words/common';
import { searchKindNames } from '../words/names';
import { words } from './words';

type Hit = paths['/search']['get']['responses'][200]['content']['application/json']['rows'][number];

const TARGETS: Record<Hit['kind'], (hit: Hit) => string> = {
	terminal: ({ id }) => `/terminals/${id}`,
	person: ({ id }) => `/organisation/people?person=${id}`,
	request: ({ id }) => `/requests/${id}`,
	switch: ({ id }) => `/admission/switches?switch=${id}`,
	knock: ({ id }) => `/admission/live?mac=${id}`,
	place: ({ id, seen_port }) =>
		`/admission/switches/${id}?${new URLSearchParams({ port: seen_port ?? '' })}`,
};

function useHits(q: string) {
	return useQuery({
		queryKey: ['search', q],
		enabled: q.length >= 2,
		queryFn: async () => (await call(api.GET('/search', { params: { query: { q } } }))).rows,
	});
}

export function SearchBox({ open, close }: { open: boolean; close: () => void }) {
	const w = useWords(words);
	const c = useWords(common);
	const kindName = useNames(searchKindNames);
	const navigate = useNavigate();
	const [text, setText] = useState('');
	const [q, setQ] = useState('');
	const [at, setAt] = useState(0);
	const hits = useHits(q);
	const rows = hits.data ?? [];

	useEffect(() => {
		const wait = setTimeout(() => setQ(text.trim()), 200);
		return () => clearTimeout(wait);
	}, [text]);

	const go = (hit: Hit | undefined) => {
		if (!hit) return;
		close();
		setText('');
		navigate(TARGETS[hit.kind](hit));
	};
	const enter = () => {
		const settled = text.trim() === q && hits.isSuccess;
		if (settled) go(rows[at]);
		else setQ(text.trim());
	};
	return (
		<Modal
			open={open}
			onCancel={close}
			footer={null}
			title={w.search}
			width={640}
			destroyOnHidden
			afterOpenChange={(shown) => shown && document.getElementById('search-text')?.focus()}
		>
			<Input
				id="search-text"
				size="large"
				value={text}
				maxLength={64}
				aria-label={w.searchHint}
				placeholder={w.searchHint}
				onChange={(e) => {
					setText(e.target.value);
					setAt(0);
				}}
				onPressEnter={enter}
				onKeyDown={(e) => {
					if (e.key === 'ArrowDown') setAt(Math.min(at + 1, rows.length - 1));
					if (e.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
				}}
			/>
			<div aria-live="polite" className="hits">
				{hits.isError && <Failure error={hits.error} />}
				{q.length < 2 && <p>{w.searchShort}</p>}
				{hits.isLoading && <p>{c.loading}</p>}
				{hits.isSuccess && rows.length === 0 && <p>{w.searchNothing}</p>}
				{rows.map((hit, i) => (
					<button
						type="button"
						key={`${hit.kind}${hit.id}`}
						className={i === at ? 'hit hit-at' : 'hit'}
						onClick={() => go(hit)}
					>
						<span className="mark mark-info">{kindName(hit.kind)}</span>{' '}
						<strong>{hit.title}</strong> <span>{hit.detail}</span>
						{hit.seen_switch && hit.seen_at && (
							<span className="soft">
								{' '}
								{w.seenAt(hit.seen_switch, hit.seen_port ?? '', momentText(hit.seen_at))}
							</span>
						)}
					</button>
				))}
			</div>
		</Modal>
	);
}
