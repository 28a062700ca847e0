/** Theme, language and nonce around everything; the login, or the shell for who is logged in. */
import { App as AntApp, ConfigProvider, Spin } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { lazy, Suspense, useEffect } from 'react';
import { useSession } from '../api/session';
import { Failure } from '../parts/failure';
import { Login } from './login/login';
import { nonce } from './nonce';
import { usePreferences } from './preferences';
import { dark, light } from './theme';

const Shell = lazy(() => import('./shell'));

function Inside() {
	const session = useSession();
	if (session.isPending) return <Spin fullscreen />;
	if (session.isError) return <Failure error={session.error} again={() => session.refetch()} />;
	if (session.data?.stage !== 'full') return <Login session={session.data} />;
	return (
		<Suspense fallback={<Spin fullscreen />}>
			<Shell />
		</Suspense>
	);
}

export function Root() {
	const { language, isDark } = usePreferences();
	const colours = isDark ? 'dark' : 'light';
	useEffect(() => {
		document.documentElement.dataset.colours = colours;
	}, [colours]);
	return (
		<ConfigProvider
			csp={{ nonce }}
			locale={language === 'zh' ? zhCN : enUS}
			theme={isDark ? dark : light}
			button={{ autoInsertSpace: false }}
		>
			<AntApp className="app">
				<Inside />
			</AntApp>
		</ConfigProvider>
	);
}
