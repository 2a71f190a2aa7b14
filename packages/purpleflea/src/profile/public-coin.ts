// Names of a market: the client says "BTC-PERP", the public servers "BTC" (and "xyz:TSLA" for what trades on the
// exchange's second book).

export function coinOf(symbol: string): string {
  return symbol
    .trim()
    .toUpperCase()
    .replace(/-PERP$/u, "");
}

/** The same for every spelling that the servers take for one coin. */
export function symbolOf(coin: string): string {
  return `${coinOf(coin).replace(/^XYZ:/u, "")}-PERP`;
}
