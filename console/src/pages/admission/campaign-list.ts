/** The typed or pasted list of a campaign: MAC,asset number[,name[,staff number]] a line. */

export interface CampaignItem {
	mac: string;
	asset_no: string;
	name?: string;
	staff_no?: string;
}

const MAC = /^[0-9A-Fa-f]{2}([:-]?[0-9A-Fa-f]{2}){5}$|^[0-9A-Fa-f]{4}(\.[0-9A-Fa-f]{4}){2}$/;
const CODE = /^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$/;

function parseLine(line: string): CampaignItem | null {
	const [mac = '', asset_no = '', name = '', staff_no = '', ...rest] = line
		.split(/[,，\t]/)
		.map((part) => part.trim());
	if (!MAC.test(mac) || !CODE.test(asset_no) || name.length > 64 || rest.length > 0) return null;
	if (staff_no !== '' && !CODE.test(staff_no)) return null;
	return { mac, asset_no, ...(name && { name }), ...(staff_no && { staff_no }) };
}

/** `badLine` counts from 1; 0 when every line is good. */
export function parseCampaignList(text: string): { items: CampaignItem[]; badLine: number } {
	const items: CampaignItem[] = [];
	for (const [i, line] of text.split(/\r?\n/).entries()) {
		if (line.trim() === '') continue;
		const item = parseLine(line);
		if (item === null) return { items: [], badLine: i + 1 };
		items.push(item);
	}
	return { items, badLine: 0 };
}
