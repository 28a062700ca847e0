/** The frame of every page: menu, tabs, search, help, alarms, live stream. */
import { useMutation } from '@tanstack/react-query';
import { App, Button, Dropdown, Modal, Spin } from 'antd';
import { Suspense, useEffect, useState } from 'react';
import { Navigate, NavLink, Outlet, Route, Routes, useLocation, useNavigate } from 'react-router';
import { api, call, type Schema, type Session, TOKEN } from '../api/client';
import { holds, useMe, useSetSession } from '../api/session';
import { LiveStream, useLive, useStreamOpen } from '../live/stream';
import { AskProvider } from '../parts/ask';
import { Guarded } from '../parts/guarded';
import { actPair } from '../parts/proposal';
import { Switches } from '../parts/switches';
import { type Pair, pick, useLanguage, useWords } from '../words/catalogue';
import { common } from '../words/common';
import { type Place, type Section, sections, settings } from './places';
import { SearchBox } from './search';
import './shell.css';
import { useShortcut } from './shortcuts';
import { words } from './words';

function maySee(session: Session, place: Place): boolean {
	return place.roles === undefined || holds(session, ...place.roles);
}

/** The first page of a section that this person may see is where its menu entry leads. */
function door(session: Session, section: Section): Place | undefined {
	const place = section.places.find((p) => !p.path.includes(':') && maySee(session, p));
	return place;
}

function covers(section: Section, pathname: string): boolean {
	const first = (path: string) => path.split('/')[1];
	return section.places.some((place) => first(place.path) === first(pathname));
}

function Menu() {
	const w = useWords(words);
	const language = useLanguage();
	const me = useMe();
	const { pathname } = useLocation();
	return (
		<nav aria-label={w.menu} className="menu">
			{sections.map((section) => {
				const place = door(me, section);
				if (!place) return null;
				const here = covers(section, pathname);
				return (
					<NavLink
						key={place.path}
						to={place.path}
						className={here ? 'menu-item menu-here' : 'menu-item'}
						aria-current={here ? 'page' : undefined}
					>
						{pick(section.name, language)}
					</NavLink>
				);
			})}
		</nav>
	);
}

function Tabs() {
	const w = useWords(words);
	const language = useLanguage();
	const me = useMe();
	const { pathname } = useLocation();
	const section = sections.find((s) => covers(s, pathname));
	const tabs = section?.places.filter((p) => p.tab && maySee(me, p)) ?? [];
	if (tabs.length < 2) return null;
	return (
		<nav aria-label={w.tabs} className="tabs">
			{tabs.map((p) => (
				<NavLink
					key={p.path}
					to={p.path}
					className={({ isActive }) => (isActive ? 'tab tab-here' : 'tab')}
				>
					{p.tab && pick(p.tab, language)}
				</NavLink>
			))}
		</nav>
	);
}

function Person() {
	const w = useWords(words);
	const me = useMe();
	const navigate = useNavigate();
	const setSession = useSetSession();
	const leave = useMutation({
		mutationFn: () => call(api.DELETE('/session', { params: { header: TOKEN } })),
		onSettled: () => setSession(null),
	});
	return (
		<Dropdown
			trigger={['click']}
			menu={{
				items: [
					{ key: 'settings', label: w.settings, onClick: () => navigate('/settings') },
					{ key: 'leave', label: w.logOut, onClick: () => leave.mutate() },
				],
			}}
		>
			<Button type="text" className="person">
				<span className="person-name">
					{me.name} · {me.unit_name}
				</span>
			</Button>
		</Dropdown>
	);
}

function Help({ open, close }: { open: boolean; close: () => void }) {
	const w = useWords(words);
	const keys = [
		['Ctrl+K  /', w.keySearch],
		['j  k', w.keyRows],
		['Enter', w.keyOpen],
		['a', w.keyApprove],
		['?', w.keyHelp],
	];
	return (
		<Modal open={open} onCancel={close} footer={null} title={w.keys}>
			<dl className="keys">
				{keys.map(([key, does]) => (
					<div key={key}>
						<dt>
							<kbd>{key}</kbd>
						</dt>
						<dd>{does}</dd>
					</div>
				))}
			</dl>
		</Modal>
	);
}

/** An alarm is an entry of the log (`act`), a gate's record (`kind`), or a sentence of its own. */
function told(data: unknown): { key: string; text: Pair } | null {
	const alarm = data as Partial<Schema['Error']> & {
		act?: string;
		kind?: string;
		subject?: string;
	};
	if (alarm.message_zh && alarm.message_en)
		return { key: alarm.code ?? '', text: [alarm.message_zh, alarm.message_en] };
	const code = alarm.act ?? alarm.kind;
	if (!code) return null;
	const [zh, en] = actPair(code);
	const about = alarm.subject ? ` (${alarm.subject})` : '';
	return { key: `${code}${about}`, text: [zh + about, en + about] };
}

function Alarms() {
	const w = useWords(words);
	const language = useLanguage();
	const { notification } = App.useApp();
	useLive('alarm', (data) => {
		const alarm = told(data);
		if (!alarm) return;
		notification.error({
			title: w.alarm,
			description: pick(alarm.text, language),
			duration: 0,
			key: alarm.key,
		});
	});
	return null;
}

function Connection() {
	const w = useWords(words);
	const open = useStreamOpen();
	return open ? null : (
		<span role="status" className="mark mark-warn">
			{w.streamLost}
		</span>
	);
}

function Frame() {
	const w = useWords(words);
	const c = useWords(common);
	const [searching, setSearching] = useState(false);
	const [helping, setHelping] = useState(false);
	const searches = useMe().roles.length > 0;
	useShortcut('/', () => setSearching(true), searches);
	useShortcut('?', () => setHelping(true));
	useEffect(() => {
		const pressed = (event: KeyboardEvent) => {
			if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return;
			event.preventDefault();
			setSearching(searches);
		};
		window.addEventListener('keydown', pressed);
		return () => window.removeEventListener('keydown', pressed);
	}, [searches]);
	return (
		<div className="shell">
			<a className="skip" href="#content">
				{w.skip}
			</a>
			<header className="top">
				<strong className="product">{c.product}</strong>
				<Menu />
				<Connection />
				<span className="top-end">
					{searches && (
						<Button onClick={() => setSearching(true)} title="Ctrl+K">
							{w.search} <kbd>Ctrl+K</kbd>
						</Button>
					)}
					<Switches />
					<Person />
				</span>
			</header>
			<Tabs />
			<main id="content" className="content" tabIndex={-1}>
				<Suspense fallback={<Spin className="wait" />}>
					<Outlet />
				</Suspense>
			</main>
			<footer className="foot soft">{w.zone}</footer>
			<SearchBox open={searching} close={() => setSearching(false)} />
			<Help open={helping} close={() => setHelping(false)} />
			<Alarms />
		</div>
	);
}

function Open({ place }: { place: Place }) {
	const me = useMe();
	const c = useWords(common);
	const { pathname } = useLocation();
	if (!maySee(me, place)) return <p className="nowhere">{c.notAllowed}</p>;
	const Page = place.page;
	return (
		<Guarded key={pathname}>
			<Page />
		</Guarded>
	);
}

function Nowhere() {
	const c = useWords(common);
	return <p className="nowhere">{c.notFound}</p>;
}

export default function Shell() {
	const me = useMe();
	const places = [...sections.flatMap((s) => s.places), settings];
	return (
		<LiveStream enabled={me.roles.length > 0}>
			<AskProvider>
				<Routes>
					<Route element={<Frame />}>
						<Route index element={<Navigate to="/work" replace />} />
						{places.map((place) => (
							<Route key={place.path} path={place.path} element={<Open place={place} />} />
						))}
						<Route path="*" element={<Nowhere />} />
					</Route>
				</Routes>
			</AskProvider>
		</LiveStream>
	);
}
