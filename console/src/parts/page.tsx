/** A page: its title, what can be done on it, and the organisation tree at its left. */
import type { ReactNode } from 'react';
import { UnitTree } from './unit-tree';

export function Page(props: {
	title: string;
	hint?: ReactNode;
	end?: ReactNode;
	tree?: 'terminals' | 'people';
	children: ReactNode;
}) {
	return (
		<div className="page">
			{props.tree && <UnitTree count={props.tree} />}
			<div className="page-body">
				<div className="spread">
					<h1 className="page-title">{props.title}</h1>
					{props.end && <div className="row">{props.end}</div>}
				</div>
				{props.hint && <p className="page-hint soft">{props.hint}</p>}
				{props.children}
			</div>
		</div>
	);
}

export function Panel(props: { title: string; children: ReactNode; end?: ReactNode }) {
	return (
		<section className="panel" aria-label={props.title}>
			<div className="spread panel-head">
				<h2>{props.title}</h2>
				{props.end}
			</div>
			{props.children}
		</section>
	);
}

export function Facts({ rows }: { rows: [label: string, value: ReactNode][] }) {
	return (
		<dl className="facts">
			{rows.map(([label, value]) => (
				<div key={label} className="fact">
					<dt>{label}</dt>
					<dd>{value === '' || value === null || value === undefined ? '—' : value}</dd>
				</div>
			))}
		</dl>
	);
}
