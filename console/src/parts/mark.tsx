/** A small coloured word: the colour repeats what the word says, never replaces it. */
import type { ReactNode } from 'react';

export type Tone = 'good' | 'warn' | 'bad' | 'plain' | 'info';

export function Mark({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
	return <span className={`mark mark-${tone}`}>{children}</span>;
}
