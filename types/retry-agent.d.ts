// The RetryAgent. What it does is in retry-handler.d.ts.

import Dispatcher from './dispatcher'
import RetryHandler from './retry-handler'

export default RetryAgent

/** Another dispatcher, with every request sent again as the options say. Source: undici 6. */
export declare class RetryAgent extends Dispatcher {
  constructor (dispatcher: Dispatcher, options?: RetryHandler.RetryOptions)
}
