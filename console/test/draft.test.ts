import { expect, it } from 'vitest';
import { policyOf } from '../src/pages/admission/draft';

const waiting = [{ id: 7, detail: { changes: [], policy: { heartbeat_s: 30 } } }];

it('a dry run without a draft sends none', () => {
	expect(policyOf({ from: 'none', typed: '{"a": 1}' }, waiting)).toBeUndefined();
});

it('a draft that waits is the one that was proposed', () => {
	expect(policyOf({ from: 7, typed: '' }, waiting)).toEqual({ heartbeat_s: 30 });
	expect(policyOf({ from: 8, typed: '' }, waiting)).toBeNull();
});

it('what is typed is a policy or is not sent', () => {
	expect(policyOf({ from: 'typed', typed: '{"heartbeat_s": 10}' }, waiting)).toEqual({
		heartbeat_s: 10,
	});
	for (const typed of ['', '{', '7', '[]', 'null', '"x"'])
		expect(policyOf({ from: 'typed', typed }, waiting)).toBeNull();
});
