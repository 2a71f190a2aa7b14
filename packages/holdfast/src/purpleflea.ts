// "holdfast/purpleflea": the venue's client, activities and money schema.

export * from "@holdfast/purpleflea";
