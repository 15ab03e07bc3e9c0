// Handlers to build interceptors from. What a handler hears is in handler.d.ts.

import Dispatcher from './dispatcher'

/** Hands everything on to another handler. What extends it may write methods of either generation. */
export declare class DecoratorHandler implements Dispatcher.DispatchHandler {
  /** @throws TypeError where the handler is no object */
  constructor (handler: Dispatcher.DispatchHandler)
  onRequestStart (controller: Dispatcher.DispatchController, context: any): void
  onRequestUpgrade (...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>>): void
  onResponseStart (...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>): void
  onResponseData (...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseData']>>): void
  onResponseEnd (...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseEnd']>>): void
  onResponseError (...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseError']>>): void
  onBodySent (chunk: any): void
  onRequestSent (): void
  onConnect (...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onConnect']>>): void
  onUpgrade (...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onUpgrade']>>): void
  onHeaders (...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onHeaders']>>): boolean
  onData (...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onData']>>): boolean
  onComplete (...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onComplete']>>): void
  onError (...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onError']>>): void
}

/** Follows redirects, and tells another handler of the last response. */
export declare class RedirectHandler implements Dispatcher.DispatchHandler {
  static buildDispatch (dispatcher: Dispatcher, maxRedirections: number): Dispatcher.Dispatch
  /** @throws InvalidArgumentError */
  constructor (
    dispatch: Dispatcher.Dispatch,
    maxRedirections: number,
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler
  )
}
