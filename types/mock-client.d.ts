// A Client whose requests can be intercepted.

import Client from './client'
import Dispatcher from './dispatcher'
import MockAgent from './mock-agent'
import { Interceptable, MockInterceptor } from './mock-interceptor'

export default MockClient

/** What `MockAgent.get` returns where `connections` is 1. */
declare class MockClient extends Client implements Interceptable {
  /** @throws InvalidArgumentError without an agent, and as Client */
  constructor (origin: string, options: MockClient.Options)
  /** Says which requests are intercepted. @throws InvalidArgumentError without options, or without a `path` */
  intercept (options: MockInterceptor.Options): MockInterceptor
  /** @throws MockNotMatchedError where no interceptor is for the request, and it may not be sent either */
  dispatch (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean
  /** Closes as a Client does; the agent makes another when it is asked for. */
  close (callback: () => void): void
  close (): Promise<void>
  /** Forgets all that is intercepted. Source: undici 7. */
  cleanMocks (): void
}

declare namespace MockClient {
  export interface Options extends Client.Options {
    /** Says whether requests are intercepted, and which of the others are sent. */
    agent: MockAgent
    /** Whether a slash at the end of a path does not count. Default: `false`. Source: undici 7. */
    ignoreTrailingSlash?: boolean
  }
}
