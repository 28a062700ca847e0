/** The organisation within the person's scope, and what is counted below each unit. */
import { useQuery } from '@tanstack/react-query';
import { api, call, type Schema } from './client';

export type Unit = Schema['Unit'];

export interface UnitNode {
	unit: Unit;
	children: UnitNode[];
	/** Of the unit and all below it. */
	people: number;
	terminals: number;
	online: number;
	isolated: number;
}

export function useUnits() {
	return useQuery({
		queryKey: ['units'],
		staleTime: 60_000,
		queryFn: async () => (await call(api.GET('/units'))).rows,
	});
}

/** Parents come before children; a unit whose parent is out of scope is a root. */
export function growTree(units: Unit[]): UnitNode[] {
	const nodes = new Map<number, UnitNode>();
	const roots: UnitNode[] = [];
	for (const unit of units) {
		const { people, terminals, online, isolated } = unit;
		const node = { unit, children: [], people, terminals, online, isolated };
		nodes.set(unit.id, node);
		const parent = unit.parent_id === null ? undefined : nodes.get(unit.parent_id ?? 0);
		if (parent) parent.children.push(node);
		else roots.push(node);
	}
	for (const unit of [...units].reverse()) {
		const node = nodes.get(unit.id);
		const parent = nodes.get(unit.parent_id ?? 0);
		if (!node || !parent) continue;
		parent.people += node.people;
		parent.terminals += node.terminals;
		parent.online += node.online;
		parent.isolated += node.isolated;
	}
	return roots;
}
