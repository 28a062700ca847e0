/** Choosing one unit out of the person's scope. */
import { TreeSelect } from 'antd';
import { useMemo } from 'react';
import { growTree, type UnitNode, useUnits } from '../api/units';

interface Choice {
	value: number;
	title: string;
	children: Choice[];
}

const choices = (node: UnitNode): Choice => ({
	value: node.unit.id,
	title: node.unit.name,
	children: node.children.map(choices),
});

export function UnitSelect(props: {
	id?: string;
	label?: string;
	value?: number;
	onChange?: (value: number) => void;
}) {
	const units = useUnits();
	const tree = useMemo(
		() => growTree((units.data ?? []).filter((u) => !u.ended_at)).map(choices),
		[units.data],
	);
	return (
		<TreeSelect
			id={props.id}
			aria-label={props.label}
			treeData={tree}
			value={props.value}
			onChange={props.onChange}
			showSearch={{ treeNodeFilterProp: 'title' }}
			treeDefaultExpandAll={(units.data?.length ?? 0) < 50}
			loading={units.isPending}
		/>
	);
}
