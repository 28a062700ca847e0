/** The organisation tree: choosing a unit filters the page to it and everything below. */
import { Tree, type TreeDataNode } from 'antd';
import { useMemo } from 'react';
import { growTree, type UnitNode, useUnits } from '../api/units';
import { catalogue, useWords } from '../words/catalogue';
import { Failure } from './failure';
import { useFilters } from './filters';

const words = catalogue({
	title: ['组织机构', 'Organisation'],
	all: ['全部范围', 'Everything in scope'],
});

interface Node extends TreeDataNode {
	name: string;
	count: number;
	children?: Node[];
}

function grow(node: UnitNode, count: 'terminals' | 'people'): Node {
	return {
		key: String(node.unit.id),
		name: node.unit.name,
		count: node[count],
		children: node.children.map((child) => grow(child, count)),
	};
}

export function UnitTree({ count }: { count: 'terminals' | 'people' }) {
	const w = useWords(words);
	const units = useUnits();
	const filters = useFilters();
	const nodes = useMemo(
		() => growTree((units.data ?? []).filter((u) => !u.ended_at)).map((root) => grow(root, count)),
		[units.data, count],
	);
	const here = filters.values.unit;
	return (
		<aside className="page-tree" aria-label={w.title}>
			{units.isError && <Failure error={units.error} again={() => units.refetch()} />}
			<button
				type="button"
				className={here ? 'tree-all' : 'tree-all tree-all-here'}
				aria-pressed={!here}
				onClick={() => filters.set({ unit: undefined })}
			>
				{w.all}
			</button>
			{nodes.length > 0 && (
				<Tree<Node>
					aria-label={w.title}
					blockNode
					treeData={nodes}
					defaultExpandedKeys={[...nodes.map((n) => n.key), ...(here ? [here] : [])]}
					defaultExpandParent
					selectedKeys={here ? [here] : []}
					onSelect={(keys) =>
						filters.set({ unit: keys[0] === undefined ? undefined : String(keys[0]) })
					}
					titleRender={(node) => (
						<span className="tree-row">
							<span>{node.name}</span>
							<span className="tree-count">{node.count}</span>
						</span>
					)}
				/>
			)}
		</aside>
	);
}
