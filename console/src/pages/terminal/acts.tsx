/** What an administrator may do to a terminal besides isolating and releasing it. */
import { Form, Input } from 'antd';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { CodeOnce } from '../../parts/code-once';
import { AccountPick, PersonPick } from '../../parts/person-select';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { words } from './words';

type Terminal = Schema['Terminal'];

export function useActs(t: Terminal | undefined) {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const administers = useMay('security', 'regional');
	const secures = useMay('security');
	const params = { path: { id: t?.id ?? 0 }, header: TOKEN };
	return {
		administers,
		secures,
		enrolCode: () =>
			ask({
				title: w.enrolCode,
				text: w.enrolCodeText,
				run: ({ reason }) =>
					call(api.POST('/terminals/{id}/enrol-code', { params, body: { reason } })),
				result: (answer) => {
					const { code, expires_at } = answer as { code: string; expires_at: number };
					return <CodeOnce label={w.enrolCode} code={code} until={expires_at} />;
				},
			}),
		lifeline: () =>
			ask({
				title: t?.lifeline ? w.lifelineOff : w.lifelineOn,
				text: w.lifelineText,
				run: ({ reason }) =>
					call(
						api.POST('/terminals/{id}/lifeline', {
							params,
							body: { lifeline: !t?.lifeline, reason },
						}),
					),
			}),
		addAccount: () =>
			ask({
				title: w.addAccount,
				text: w.addAccountText,
				fields: (
					<Form.Item
						name="account_id"
						label={c.account}
						rules={[{ required: true, message: c.required }]}
					>
						<AccountPick label={c.account} />
					</Form.Item>
				),
				noReason: true,
				run: ({ account_id }) =>
					call(api.POST('/terminals/{id}/accounts', { params, body: { account_id } })),
			}),
		endAccount: (account: number, name: string) =>
			ask({
				title: `${w.endAccount} ${name}`,
				danger: true,
				noReason: true,
				run: () =>
					call(
						api.POST('/terminals/{id}/accounts/{account}/end', {
							params: { path: { id: t?.id ?? 0, account }, header: TOKEN },
						}),
					),
			}),
		edit: () =>
			ask({
				title: w.edit,
				noReason: true,
				confirm: c.save,
				initial: { name: t?.name, place: t?.place },
				fields: (
					<>
						<Form.Item name="name" label={c.name}>
							<Input maxLength={64} />
						</Form.Item>
						<Form.Item name="place" label={w.place}>
							<Input maxLength={96} />
						</Form.Item>
						<Form.Item name="owner_id" label={c.owner} extra={t?.owner_name}>
							<PersonPick label={c.owner} />
						</Form.Item>
					</>
				),
				run: ({ name, place, owner_id }) =>
					call(
						api.PATCH('/terminals/{id}', {
							params,
							body: { name: name ?? '', place: place ?? '', owner_id },
						}),
					),
			}),
	};
}
