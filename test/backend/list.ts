export const LISTED = { leftOut: new Map<string, string>() };
