// The operations of trading.

import type { Operations } from "../command/operations.ts";
import { cancelOrder } from "./cancel-order.ts";
import { closeAll, closePosition } from "./close.ts";
import { rejectable } from "./fate.ts";
import type { TradeCommand } from "./command.ts";
import { openPosition } from "./open.ts";
import { placeOrder } from "./place-order.ts";

export const tradeOperations: Operations<TradeCommand> = {
  open: rejectable(openPosition),
  close: rejectable(({ positionId }, context) => closePosition(positionId, context)),
  "close-all": rejectable((_command, context) => closeAll(context)),
  "place-order": placeOrder,
  "cancel-order": rejectable(({ orderId }, context) => cancelOrder(orderId, context)),
};
