/**
 * Every sentence of the console stands once, in Chinese and English beside each other:
 *
 *	const words = catalogue({ title: ['终端', 'Terminals'], left: (n: number) => [`剩${n}个`, `${n} left`] });
 *	const w = useWords(words);   // w.title, w.left(3)
 *
 * A pair that lacks a language does not compile, so no catalogue file can fall behind, and each
 * page carries only its own words.
 */
import { createContext, useContext } from 'react';

export type Language = 'zh' | 'en';
export type Pair = readonly [zh: string, en: string];
// biome-ignore lint/suspicious/noExplicitAny: any parameters, given back typed by Words
type Sentence = Pair | ((...args: any[]) => Pair);
export type Catalogue = Record<string, Sentence>;

export type Words<C extends Catalogue> = {
	readonly [K in keyof C]: C[K] extends (...args: infer A) => Pair
		? (...args: A) => string
		: string;
};

const known: Catalogue[] = [];
const spoken = new WeakMap<Catalogue, Partial<Record<Language, unknown>>>();

export function catalogue<const C extends Catalogue>(sentences: C): C {
	known.push(sentences);
	return sentences;
}

/** All catalogues that have been loaded: the tests read them. */
export function catalogues(): readonly Catalogue[] {
	return known;
}

export function pick(pair: Pair, language: Language): string {
	return language === 'zh' ? pair[0] : pair[1];
}

export function wordsIn<C extends Catalogue>(sentences: C, language: Language): Words<C> {
	const made = spoken.get(sentences) ?? {};
	if (!made[language]) {
		const words: Record<string, unknown> = {};
		for (const [name, sentence] of Object.entries(sentences))
			words[name] =
				typeof sentence === 'function'
					? (...args: unknown[]) => pick(sentence(...args), language)
					: pick(sentence, language);
		made[language] = words;
		spoken.set(sentences, made);
	}
	return made[language] as Words<C>;
}

export const LanguageContext = createContext<Language>('zh');

export function useLanguage(): Language {
	return useContext(LanguageContext);
}

export function useWords<C extends Catalogue>(sentences: C): Words<C> {
	return wordsIn(sentences, useLanguage());
}

/** A lookup of pairs by a code that comes from the server; an unknown code shows as itself. */
export function useNames<K extends string>(names: Record<K, Pair>): (code: string) => string {
	const language = useLanguage();
	return (code) => {
		const pair = (names as Record<string, Pair>)[code];
		return pair ? pick(pair, language) : code;
	};
}
