/** A list: one page from the server, walked with j and k, opened with Enter or a click. */
import { keepPreviousData, type QueryKey, useQuery } from '@tanstack/react-query';
import { Button, Table, type TableColumnsType } from 'antd';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useLocation, useNavigate, useSearchParams } from 'react-router';
import { useShortcut } from '../app/shortcuts';
import { useWords } from '../words/catalogue';
import { common } from '../words/common';
import { Failure } from './failure';

export interface Page<T> {
	rows: T[];
	next: string | null;
	total: number | null;
}

export const PAGE_ROWS = 50;

/** `load` gets the place in the list from the address; its filters belong into the key. */
export function usePage<T>(key: QueryKey, load: (after: string | undefined) => Promise<Page<T>>) {
	const [params] = useSearchParams();
	const after = params.get('after') ?? undefined;
	return useQuery({
		queryKey: [...key, { after }],
		placeholderData: keepPreviousData,
		queryFn: () => load(after),
	});
}

export type PageQuery<T> = ReturnType<typeof usePage<T>>;

function Pager<T>({ page }: { page: Page<T> }) {
	const c = useWords(common);
	const [params, setParams] = useSearchParams();
	const location = useLocation();
	const navigate = useNavigate();
	const behind = (location.state as { behind?: string[] } | null)?.behind ?? [];
	const go = (after: string | undefined, trail: string[]) => {
		const next = new URLSearchParams(params);
		if (after) next.set('after', after);
		else next.delete('after');
		setParams(next, { state: { behind: trail } });
	};
	const here = params.get('after') ?? '';
	return (
		<div className="pager">
			<span className="soft num">
				{page.total === null ? c.shown(page.rows.length) : c.total(page.total)}
			</span>
			{here && (
				<Button size="small" onClick={() => go(undefined, [])}>
					{c.first}
				</Button>
			)}
			<Button
				size="small"
				disabled={!here}
				onClick={() => (behind.length > 0 ? go(behind.at(-1), behind.slice(0, -1)) : navigate(-1))}
			>
				{c.previous}
			</Button>
			<Button
				size="small"
				disabled={!page.next}
				onClick={() => page.next && go(page.next, [...behind, here])}
			>
				{c.next}
			</Button>
		</div>
	);
}

export function Rows<T extends object>(props: {
	label: string;
	query:
		| PageQuery<T>
		| {
				data?: Page<T>;
				isError: boolean;
				error: unknown;
				isPending: boolean;
				refetch: () => unknown;
		  };
	columns: TableColumnsType<T>;
	rowKey: (row: T) => string | number;
	open?: (row: T) => void;
	/** What to do where there is nothing yet; a search that finds nothing says that instead. */
	empty?: ReactNode;
	width?: number;
	rowClass?: (row: T) => string;
}) {
	const c = useWords(common);
	const { query, open } = props;
	const [params] = useSearchParams();
	const asked = [...params.keys()].some((name) => name !== 'after');
	const rows = query.data?.rows ?? [];
	const [at, setAt] = useState(-1);
	const box = useRef<HTMLDivElement>(null);
	const walk = (step: number) => {
		const next = Math.max(0, Math.min(rows.length - 1, at + step));
		setAt(next);
		box.current?.querySelectorAll('.ant-table-row')[next]?.scrollIntoView({ block: 'nearest' });
	};
	useShortcut('j', () => walk(1), rows.length > 0);
	useShortcut('k', () => walk(-1), rows.length > 0);
	useShortcut(
		'Enter',
		() => {
			const row = rows[at];
			if (row && open) open(row);
		},
		at >= 0 && document.activeElement === document.body,
	);
	useEffect(() => {
		if (at >= rows.length) setAt(rows.length - 1);
	}, [rows.length, at]);

	if (query.isError) return <Failure error={query.error} again={() => query.refetch()} />;
	return (
		<div className="panel panel-flush" ref={box}>
			<Table<T>
				aria-label={props.label}
				size="small"
				columns={props.columns}
				dataSource={rows}
				rowKey={props.rowKey}
				loading={query.isPending}
				pagination={false}
				scroll={{ x: props.width ?? 'max-content' }}
				locale={{
					emptyText: query.isPending ? ' ' : asked ? c.nothing : (props.empty ?? c.nothing),
				}}
				rowClassName={(row, i) =>
					[i === at ? 'row-at' : '', open ? 'row-opens' : '', props.rowClass?.(row) ?? ''].join(' ')
				}
				onRow={(row, i) => ({
					onClick: (event) => {
						const target = event.target as HTMLElement;
						if (target.closest('a, button, input, .ant-dropdown-trigger')) return;
						setAt(i ?? -1);
						open?.(row);
					},
				})}
			/>
			{query.data && <Pager page={query.data} />}
		</div>
	);
}
