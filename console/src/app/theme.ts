/** Colours that keep a contrast of 4.5 to 1 in light and dark; antd's own defaults do not. */
import { type ThemeConfig, theme } from 'antd';

const FONT =
	'-apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

const shared: ThemeConfig['token'] = {
	fontFamily: FONT,
	fontSize: 14,
	borderRadius: 4,
	wireframe: false,
	motion: false,
};

export const light: ThemeConfig = {
	algorithm: theme.defaultAlgorithm,
	token: {
		...shared,
		colorPrimary: '#0b5cad',
		colorLink: '#0b5cad',
		colorSuccess: '#1d7a34',
		colorWarning: '#8f5600',
		colorError: '#b3261e',
		colorInfo: '#0b5cad',
		colorTextSecondary: '#4a4f57',
		colorTextTertiary: '#5a606a',
		colorTextDescription: '#5a606a',
		colorTextPlaceholder: '#676d77',
		colorTextDisabled: '#676d77',
		colorSuccessBg: '#e6f4ea',
		colorSuccessBorder: '#9fd0ad',
		colorWarningBg: '#fdf1d8',
		colorWarningBorder: '#e3c27a',
		colorErrorBg: '#fde8e6',
		colorErrorBorder: '#e9a9a3',
		colorInfoBg: '#e5f0fb',
		colorInfoBorder: '#a8cbee',
		colorBgLayout: '#f3f5f8',
	},
};

export const dark: ThemeConfig = {
	algorithm: theme.darkAlgorithm,
	token: {
		...shared,
		colorPrimary: '#3b82d6',
		colorLink: '#7db4f5',
		colorSuccess: '#5fbf77',
		colorWarning: '#e0a93b',
		colorError: '#ff8b82',
		colorInfo: '#7db4f5',
		colorTextSecondary: '#c3c8d0',
		colorTextTertiary: '#adb3bd',
		colorTextDescription: '#adb3bd',
		colorTextPlaceholder: '#9aa1ac',
		colorTextDisabled: '#9aa1ac',
		colorSuccessBg: '#15321f',
		colorSuccessBorder: '#2c5e3d',
		colorWarningBg: '#3a2b0c',
		colorWarningBorder: '#6b521c',
		colorErrorBg: '#43191a',
		colorErrorBorder: '#7c3432',
		colorInfoBg: '#14304f',
		colorInfoBorder: '#2b5583',
		colorBgLayout: '#0f1216',
		colorBgContainer: '#171b21',
		colorBgElevated: '#1f242b',
	},
	components: { Button: { dangerColor: '#1d2127' } },
};
