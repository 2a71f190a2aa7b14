// "holdfast/purpleflea": the venue's client, activities and money schema; `fair` holds the
// formulas of the games, and what checks a settled bet.

export * from "@holdfast/purpleflea";
export * as fair from "@holdfast/purpleflea/fair";
