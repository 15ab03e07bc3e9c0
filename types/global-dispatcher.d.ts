// The dispatcher of those who name none.

import Dispatcher from './dispatcher'

export { getGlobalDispatcher, setGlobalDispatcher }

/**
 * Makes `dispatcher` that of the calls of this package, of Node's own `fetch`, and of every copy of undici in the process.
 * @throws InvalidArgumentError it has no `dispatch`.
 */
declare function setGlobalDispatcher<D extends Dispatcher> (dispatcher: D): void

/** The dispatcher that was set last by whatever copy of undici; without one, an Agent. */
declare function getGlobalDispatcher (): Dispatcher
