// A dispatcher for those who speak the first generation of handlers.

import Dispatcher from './dispatcher'

export default Dispatcher1Wrapper

/** Takes handlers of the first generation, whatever the dispatcher behind it takes. Source: undici 8. */
declare class Dispatcher1Wrapper extends Dispatcher {
  /** @throws InvalidArgumentError it has no `dispatch`. */
  constructor (dispatcher: Dispatcher)
  /** A handler that dispatchers of both generations understand. @throws InvalidArgumentError */
  static wrapHandler (handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler
}
