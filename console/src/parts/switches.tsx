/** Language and colours, one click each. */
import { Button } from 'antd';
import { usePreferences } from '../app/preferences';
import { catalogue, useWords } from '../words/catalogue';

const words = catalogue({
	otherLanguage: ['English', '中文'],
	toDark: ['深色', 'Dark'],
	toLight: ['浅色', 'Light'],
});

export function Switches() {
	const w = useWords(words);
	const { language, setLanguage, isDark, setColours } = usePreferences();
	return (
		<span className="row nowrap">
			<Button
				type="text"
				lang={language === 'zh' ? 'en' : 'zh-CN'}
				onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
			>
				{w.otherLanguage}
			</Button>
			<Button type="text" onClick={() => setColours(isDark ? 'light' : 'dark')}>
				{isDark ? w.toLight : w.toDark}
			</Button>
		</span>
	);
}
