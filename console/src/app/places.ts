/** Every page once: its path, who may see it, where it stands in the menu, its own chunk. */
import { type ComponentType, lazy } from 'react';
import type { Role } from '../api/client';
import type { Pair } from '../words/catalogue';

export interface Place {
	path: string;
	/** undefined: everybody; a page below another has the menu of that other. */
	roles?: Role[];
	/** Its name among the tabs of its section. */
	tab?: Pair;
	page: ComponentType;
}

export interface Section {
	name: Pair;
	places: Place[];
}

const page = (load: () => Promise<{ default: ComponentType }>) => lazy(load);

const WATCH: Role[] = ['security', 'regional', 'auditor'];
const ADMIN: Role[] = ['security', 'system', 'regional', 'auditor'];
const ALL_ROLES: Role[] = [...ADMIN, 'approver', 'device-officer'];

export const sections: Section[] = [
	{
		name: ['我的工作', 'My work'],
		places: [{ path: '/work', page: page(() => import('../pages/work')) }],
	},
	{
		name: ['概况', 'Overview'],
		places: [
			{
				path: '/overview',
				roles: [...ADMIN, 'approver'],
				page: page(() => import('../pages/overview')),
			},
		],
	},
	{
		name: ['终端', 'Terminals'],
		places: [
			{ path: '/terminals', roles: ALL_ROLES, page: page(() => import('../pages/terminals')) },
			{ path: '/terminals/:id', page: page(() => import('../pages/terminal')) },
		],
	},
	{
		name: ['准入', 'Admission'],
		places: [
			{
				path: '/admission/live',
				roles: WATCH,
				tab: ['实时接入', 'Live'],
				page: page(() => import('../pages/admission/live')),
			},
			{
				path: '/admission/unknown',
				roles: WATCH,
				tab: ['未登记设备', 'Unknown devices'],
				page: page(() => import('../pages/admission/unknown')),
			},
			{
				path: '/admission/findings',
				roles: WATCH,
				tab: ['监听发现', 'Findings'],
				page: page(() => import('../pages/admission/findings')),
			},
			{
				path: '/admission/explain',
				roles: WATCH,
				tab: ['接入预判', 'What if'],
				page: page(() => import('../pages/admission/explain')),
			},
			{
				path: '/admission/sessions',
				roles: WATCH,
				tab: ['在线会话', 'Sessions'],
				page: page(() => import('../pages/admission/sessions')),
			},
			{
				path: '/admission/history',
				roles: WATCH,
				tab: ['在网历史', 'History'],
				page: page(() => import('../pages/admission/history')),
			},
			{
				path: '/admission/permits',
				roles: [...WATCH, 'approver', 'device-officer'],
				tab: ['入网许可', 'Permits'],
				page: page(() => import('../pages/admission/permits')),
			},
			{
				path: '/admission/denies',
				roles: WATCH,
				tab: ['禁止接入', 'Deny list'],
				page: page(() => import('../pages/admission/denies')),
			},
			{
				path: '/admission/addresses',
				roles: ALL_ROLES,
				tab: ['地址规划', 'Address plan'],
				page: page(() => import('../pages/admission/addresses')),
			},
			{
				path: '/admission/gear',
				roles: ALL_ROLES,
				tab: ['网络设备', 'Network gear'],
				page: page(() => import('../pages/admission/gear')),
			},
			{
				path: '/admission/modes',
				roles: ADMIN,
				tab: ['准入模式', 'Modes'],
				page: page(() => import('../pages/admission/modes')),
			},
			{
				path: '/admission/periods',
				roles: ADMIN,
				tab: ['封网与维护', 'Frozen periods'],
				page: page(() => import('../pages/admission/periods')),
			},
			{
				path: '/admission/bypasses',
				roles: ADMIN,
				tab: ['应急旁路', 'Bypass'],
				page: page(() => import('../pages/admission/bypasses')),
			},
			{
				path: '/admission/exemptions',
				roles: ADMIN,
				tab: ['例外', 'Exemptions'],
				page: page(() => import('../pages/admission/exemptions')),
			},
			{
				path: '/admission/campaigns',
				roles: WATCH,
				tab: ['存量终端登记', 'Campaigns'],
				page: page(() => import('../pages/admission/campaigns')),
			},
			{
				path: '/admission/switches',
				roles: ALL_ROLES,
				tab: ['交换机', 'Switches'],
				page: page(() => import('../pages/admission/switches')),
			},
			{ path: '/admission/switches/:id', page: page(() => import('../pages/admission/switch')) },
			{
				path: '/admission/reports',
				roles: WATCH,
				tab: ['报表', 'Reports'],
				page: page(() => import('../pages/admission/reports')),
			},
			{
				path: '/admission/gates',
				roles: ADMIN,
				tab: ['准入服务器', 'Gates'],
				page: page(() => import('../pages/admission/gates')),
			},
		],
	},
	{
		name: ['策略', 'Policy'],
		places: [
			{ path: '/policies', roles: ADMIN, page: page(() => import('../pages/policy/list')) },
			{
				path: '/policies/new',
				roles: ['security'],
				page: page(() => import('../pages/policy/propose')),
			},
			{
				path: '/policies/:id',
				roles: ADMIN,
				page: page(() => import('../pages/policy/policy')),
			},
		],
	},
	{
		name: ['申请与审批', 'Requests'],
		places: [
			{
				path: '/requests',
				tab: ['申请单', 'Requests'],
				page: page(() => import('../pages/requests/list')),
			},
			{
				path: '/requests/new',
				page: page(() => import('../pages/requests/new')),
			},
			{ path: '/requests/new/:kind', page: page(() => import('../pages/requests/new')) },
			{ path: '/requests/:id', page: page(() => import('../pages/requests/request')) },
			{
				path: '/proposals',
				roles: ADMIN,
				tab: ['双人复核', 'Second person'],
				page: page(() => import('../pages/proposals')),
			},
		],
	},
	{
		name: ['组织与人员', 'Organisation'],
		places: [
			{
				path: '/organisation/people',
				roles: ALL_ROLES,
				tab: ['人员', 'People'],
				page: page(() => import('../pages/organisation/people')),
			},
			{
				path: '/organisation/accounts',
				roles: ADMIN,
				tab: ['账号与角色', 'Accounts and roles'],
				page: page(() => import('../pages/organisation/accounts')),
			},
			{
				path: '/organisation/units',
				roles: ALL_ROLES,
				tab: ['机构', 'Units'],
				page: page(() => import('../pages/organisation/units')),
			},
			{
				path: '/organisation/import',
				roles: ['security', 'system'],
				tab: ['导入', 'Import'],
				page: page(() => import('../pages/organisation/import')),
			},
		],
	},
	{
		name: ['审计日志', 'Audit log'],
		places: [{ path: '/audit', roles: ['auditor'], page: page(() => import('../pages/audit')) }],
	},
];

export const settings: Place = { path: '/settings', page: page(() => import('../pages/settings')) };
