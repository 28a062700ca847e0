/** Columns and acts that the pages about knocks share. */
import { Button, Form, Input } from 'antd';
import { useNavigate } from 'react-router';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { Mac, Place, Reason, Verdict } from '../../parts/cells';
import { Expiry, expiresAt } from '../../parts/expiry';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { words } from './words';

export type Knock = Schema['Knock'];

export const MAC_INPUT =
	/^([0-9A-Fa-f]{12}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(-[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}(\.[0-9A-Fa-f]{4}){2})$/;

/** The first three bytes name the maker, unless the address was made up by the machine itself. */
export function isRandom(mac: string): boolean {
	return (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;
}

export function Vendor({ mac }: { mac: string }) {
	const w = useWords(words);
	return (
		<span className="nowrap">
			<span className="mono">{mac.slice(0, 8)}</span>
			{isRandom(mac) && <span className="mark mark-warn"> {w.random}</span>}
		</span>
	);
}

export function useDeny() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const may = useMay('security');
	const send = (mac: string, reason: string, expiry: number) =>
		call(
			api.POST('/admission/denies', {
				params: { header: TOKEN },
				body: { mac, reason, until_at: expiresAt(expiry) },
			}),
		);
	const deny = (mac?: string) =>
		ask({
			title: w.deny,
			text: mac && w.denyText(mac),
			danger: true,
			confirm: w.deny,
			initial: { expiry: 0, mac },
			fields: (
				<>
					{!mac && (
						<Form.Item
							name="mac"
							label={c.mac}
							rules={[{ required: true, pattern: MAC_INPUT, message: w.badMac }]}
						>
							<Input maxLength={17} className="mono" />
						</Form.Item>
					)}
					<Expiry />
				</>
			),
			run: (values) => send(mac ?? values.mac, values.reason, values.expiry),
		});
	return { may, deny };
}

/** The address of a new MAC admission request with what the knock tells filled in. */
export function requestFor(k: Knock): string {
	const known = new URLSearchParams({ mac: k.mac, port: k.port });
	if (k.switch_id) known.set('switch', String(k.switch_id));
	if (k.unit_id) known.set('unit', String(k.unit_id));
	return `/requests/new?${known}`;
}

export function KnockActs({ of }: { of: Knock }) {
	const w = useWords(words);
	const navigate = useNavigate();
	const { may, deny } = useDeny();
	const files = useMay('security', 'system', 'regional', 'approver', 'device-officer');
	return (
		<span className="row nowrap">
			{files && (
				<Button size="small" onClick={() => navigate(requestFor(of))}>
					{w.apply}
				</Button>
			)}
			{may && (
				<Button size="small" danger onClick={() => deny(of.mac)}>
					{w.deny}
				</Button>
			)}
		</span>
	);
}

export function Told({ of }: { of: Knock }) {
	return (
		<span className="row nowrap">
			<Verdict of={of.verdict} />
			<Reason of={of.reason} />
		</span>
	);
}

/** Filled only where the mode let in what enforcing would keep out. */
export function WouldBe({ of }: { of: Knock }) {
	if (!of.would_be || of.would_be === of.verdict) return null;
	return (
		<span className="row nowrap">
			<Verdict of={of.would_be} />
			<Reason of={of.would_be_reason} />
		</span>
	);
}

export function Where({ of }: { of: Knock }) {
	return <Place switchName={of.switch_name} port={of.port} />;
}

export { Mac };
