/** What a person chose for this browser: language and colours. Nothing else is kept here. */
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { type Language, LanguageContext } from '../words/catalogue';

export type Colours = 'light' | 'dark' | 'system';

interface Preferences {
	language: Language;
	setLanguage(language: Language): void;
	colours: Colours;
	setColours(colours: Colours): void;
	isDark: boolean;
}

const Context = createContext<Preferences | null>(null);
const LANGUAGE_KEY = 'menshen.language';
const COLOURS_KEY = 'menshen.colours';
const darkSystem = () => window.matchMedia('(prefers-color-scheme: dark)');

function read<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
	try {
		const value = localStorage.getItem(key) as T | null;
		return value !== null && allowed.includes(value) ? value : otherwise;
	} catch {
		return otherwise;
	}
}

function keep(key: string, value: string): void {
	try {
		localStorage.setItem(key, value);
	} catch {
		// A browser that keeps nothing still works, for this visit.
	}
}

export function usePreferences(): Preferences {
	const value = useContext(Context);
	if (!value) throw new Error('no PreferencesProvider');
	return value;
}

export function PreferencesProvider({ children }: { children: ReactNode }) {
	const [language, setLanguage] = useState(() => read<Language>(LANGUAGE_KEY, ['zh', 'en'], 'zh'));
	const [colours, setColours] = useState(() =>
		read<Colours>(COLOURS_KEY, ['light', 'dark', 'system'], 'system'),
	);
	const [systemDark, setSystemDark] = useState(() => darkSystem().matches);
	const isDark = colours === 'dark' || (colours === 'system' && systemDark);

	useEffect(() => {
		const query = darkSystem();
		const changed = () => setSystemDark(query.matches);
		query.addEventListener('change', changed);
		return () => query.removeEventListener('change', changed);
	}, []);
	useEffect(() => {
		keep(LANGUAGE_KEY, language);
		document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
		document.title = language === 'zh' ? '桌面安全管理系统' : 'Desktop security';
	}, [language]);
	useEffect(() => {
		keep(COLOURS_KEY, colours);
		document.documentElement.style.colorScheme = isDark ? 'dark' : 'light';
	}, [colours, isDark]);

	return (
		<Context.Provider value={{ language, setLanguage, colours, setColours, isDark }}>
			<LanguageContext.Provider value={language}>{children}</LanguageContext.Provider>
		</Context.Provider>
	);
}
