export function LeadScreen(_: object) { return null; }
export function NewLeadScreen() { return null; }
