// Shares as people read them.

/** 0.125 is "12.50 %". */
export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
