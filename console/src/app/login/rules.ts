/** The password rules of clause M06, as far as a page can know them; the server decides. */

export interface PasswordCheck {
	length: boolean;
	classes: boolean;
	account: boolean;
	old: boolean;
	same: boolean;
}

const CLASSES = [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/];

export function checkPassword(
	account: string,
	current: string,
	fresh: string,
	again: string,
): PasswordCheck {
	return {
		length: [...fresh].length >= 10,
		classes: CLASSES.filter((c) => c.test(fresh)).length >= 3,
		account: fresh !== '' && !fresh.toLowerCase().includes(account.toLowerCase()),
		old: fresh !== '' && fresh !== current,
		same: fresh !== '' && fresh === again,
	};
}
