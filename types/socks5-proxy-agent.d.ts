// The Socks5ProxyAgent: any origin, through the tunnels of one SOCKS5 proxy.

import { Duplex } from 'node:stream'
import { URL } from 'node:url'
import Agent from './agent'
import TClientStats from './client-stats'
import buildConnector from './connector'
import Dispatcher from './dispatcher'
import { OutgoingHttpHeaders } from './header'
import TPoolStats from './pool-stats'

export default Socks5ProxyAgent

/**
 * Sends requests to any origin through tunnels of a SOCKS5 proxy, which also resolves the names.
 *
 * Source: undici 8; RFC 1928, RFC 1929.
 */
declare class Socks5ProxyAgent extends Dispatcher {
  /**
   * @param proxyUrl `socks5:` or `socks:`. Its user and password are shown to a proxy that asks for them.
   * @throws InvalidArgumentError for the URL, `connectTimeout`, `requestTls.timeout` and `proxyTls.timeout`.
   */
  constructor (proxyUrl: string | URL, options?: Socks5ProxyAgent.Options)

  /** Whether `close` or `destroy` was called. */
  readonly closed: boolean
  /** Whether `destroy` was called, or `close` has come to its end. */
  readonly destroyed: boolean
  /** The figures of this moment, by origin. */
  readonly stats: Record<string, TClientStats | TPoolStats>

  /**
   * As {@link Agent.dispatch}.
   * @throws Socks5ProxyError where the proxy refuses; ProxyConnectionError where it ends the connection;
   * ConnectTimeoutError where it is silent: to the handler.
   */
  dispatch (options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean

  /**
   * A tunnel for whatever is not HTTP. Its socket is the caller's.
   * @throws Socks5ProxyError; ProxyConnectionError; ConnectTimeoutError; the errors of a connection. Source: undici 7.
   */
  createSocks5Connection (hostname: string, port: number): Promise<Duplex>
}

declare namespace Socks5ProxyAgent {
  export interface Options extends Omit<Agent.Options, 'connect'> {
    /** Nothing: SOCKS has no fields. Programs of undici may pass it. */
    headers?: OutgoingHttpHeaders
    /** Comes before the user in the URL. */
    username?: string
    /** Comes before the password in the URL. */
    password?: string
    /** Makes the connections to the proxy. Default: one of `buildConnector`, with `proxyTls`. */
    connect?: buildConnector.connector
    /** Milliseconds for each step: to connect, to be let in, to reach the origin, TLS. `0`: no limit. Default: 5000. */
    connectTimeout?: number
    /** How TLS is spoken with the proxy. Default: it is not. */
    proxyTls?: buildConnector.BuildOptions
    /** How TLS is spoken with an `https:` origin. */
    requestTls?: buildConnector.BuildOptions
  }
}
