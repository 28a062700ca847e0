/** What a switch says of itself over SNMP: when it was asked, its links, who is beside, who stands there. */
import { Link } from 'react-router';
import { Mac, TerminalLink } from '../../parts/cells';
import { Mark } from '../../parts/mark';
import { Time } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { neighbourKinds, surveyWords } from './survey-words';
import {
	isStranger,
	type Neighbour,
	type Port,
	type Ports,
	speedText,
	unadmitted,
} from './switch-ports';
import { words } from './switch-words';

/** "1G", "not linked", "switched off", "uplink": empty where the switch says nothing. */
export function useLinkText(): (p: Port) => string {
	const w = useWords(words);
	return ({ state }) => {
		if (!state) return '';
		if (!state.enabled) return w.portOff;
		if (!state.linked) return w.portDown;
		const speed = speedText(state.speed_mbit) || w.portUp;
		return state.uplink ? `${w.uplink} ${speed}` : speed;
	};
}

export function SurveyNote({ of }: { of: Ports['survey'] }) {
	const w = useWords(words);
	const said = useNames(surveyWords);
	if (!of) return <p className="soft">{w.notAsked}</p>;
	return (
		<p className="soft">
			{w.askedAt} <Time at={of.asked_at} />{' '}
			<Mark tone={of.said === 'ok' ? 'good' : 'warn'}>{said(of.said)}</Mark>{' '}
			{[of.model, of.serial].filter(Boolean).join(' · ')}
			{of.cut && ` · ${w.cut}`}
		</p>
	);
}

function Known({ of }: { of: Neighbour }) {
	const w = useWords(words);
	if (of.known === 'switch')
		return (
			<>
				<Mark tone="good">{w.ourSwitch}</Mark>{' '}
				<Link to={`/admission/switches/${of.switch_id}`} className="underlined">
					{of.switch_name}
				</Link>
			</>
		);
	if (of.known === 'terminal')
		return (
			<>
				<Mark tone="good">{w.ourTerminal}</Mark>{' '}
				<TerminalLink id={of.terminal_id} name={of.asset_no} />
			</>
		);
	if (of.known === 'gear') return <Mark tone="good">{w.ourGear}</Mark>;
	return <Mark tone={isStranger(of) ? 'bad' : 'plain'}>{w.unknownNeighbour}</Mark>;
}

function Beside({ of }: { of: Neighbour }) {
	const w = useWords(words);
	const kind = useNames(neighbourKinds);
	return (
		<li>
			<Mark tone="info">{kind(of.kind)}</Mark>
			<span className="item-wrap">
				{w.neighbour} {of.name || <Mac of={of.mac} />} <span className="mono">{of.far_port}</span>{' '}
				<Known of={of} />
			</span>
			{of.name !== '' && of.mac && <Mac of={of.mac} />}
		</li>
	);
}

/** The rows of a port's list that the switch itself tells. */
export function Surveyed({ of }: { of: Port }) {
	const w = useWords(words);
	return (
		<>
			{of.neighbours.map((n) => (
				<Beside key={`n${n.mac}${n.name}`} of={n} />
			))}
			{unadmitted(of).map((s) => (
				<li key={`s${s.mac}`}>
					<Mark tone="warn">{w.noSession}</Mark>
					<span className="item-wrap">
						{s.terminal_id && <TerminalLink id={s.terminal_id} name={s.asset_no} />}{' '}
						<Mac of={s.mac} />
						<div className="soft">{s.vlan > 0 ? w.seenInVlan(s.vlan) : w.seenThere}</div>
					</span>
					<Time at={s.since_at} />
				</li>
			))}
		</>
	);
}
