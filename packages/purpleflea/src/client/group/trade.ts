// Positions at market.

import { type Usdc, formatUsdc } from "@holdfast/core";
import type { z } from "zod";
import {
  CloseAllResponse,
  CloseResponse,
  OpenResponse,
  PositionsResponse,
} from "../../wire/index.ts";
import type { Calls } from "../calls.ts";
import type { ReadMark, WriteMark } from "../http.ts";

export interface OpenOrder {
  readonly symbol: string;
  readonly side: "long" | "short";
  readonly sizeUsd: Usdc;
  readonly leverage?: number | undefined;
}

export interface TradeGroup {
  open(order: OpenOrder, mark: WriteMark): Promise<z.output<typeof OpenResponse>>;
  close(positionId: string, mark: WriteMark): Promise<z.output<typeof CloseResponse>>;
  closeAll(mark: WriteMark): Promise<z.output<typeof CloseAllResponse>>;
  /** Open ones, oldest first. */
  positions(mark?: ReadMark): Promise<z.output<typeof PositionsResponse>["positions"]>;
}

export function tradeGroup({ read, write, profile: { paths } }: Calls): TradeGroup {
  return {
    open({ symbol, side, sizeUsd, leverage }, mark) {
      const body = { symbol, side, size: formatUsdc(sizeUsd), leverage };
      const call = { operation: "open", what: "open a position", path: paths.open, body };
      return write({ ...call, answer: OpenResponse }, mark);
    },
    close(positionId, mark) {
      const body = { position_id: positionId };
      const call = { operation: "close", what: "close a position", path: paths.close, body };
      return write({ ...call, answer: CloseResponse }, mark);
    },
    closeAll(mark) {
      const call = { operation: "close-all", what: "close all positions", path: paths.closeAll };
      return write({ ...call, body: {}, answer: CloseAllResponse }, mark);
    },
    async positions(mark) {
      const call = { operation: "positions", path: paths.positions, answer: PositionsResponse };
      return (await read(call, mark)).positions;
    },
  };
}
