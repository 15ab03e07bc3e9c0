// All that the package exports. Names that are only types are listed apart.

import Agent from './agent'
import BalancedPool from './balanced-pool'
import cacheStores from './cache-stores'
import Client from './client'
import buildConnector from './connector'
import Dispatcher from './dispatcher'
import Dispatcher1Wrapper from './dispatcher1-wrapper'
import EnvHttpProxyAgent from './env-http-proxy-agent'
import errors from './errors'
import interceptors from './interceptors'
import MockAgent from './mock-agent'
import MockClient from './mock-client'
import mockErrors from './mock-errors'
import MockPool from './mock-pool'
import Pool from './pool'
import ProxyAgent from './proxy-agent'
import RetryAgent from './retry-agent'
import RetryHandler from './retry-handler'
import RoundRobinPool from './round-robin-pool'
import Socks5ProxyAgent from './socks5-proxy-agent'
import { connect, pipeline, request, stream, upgrade } from './api'
import { getGlobalDispatcher, setGlobalDispatcher } from './global-dispatcher'
import { DecoratorHandler, RedirectHandler } from './handlers'
import { MockCallHistory, MockCallHistoryLog } from './mock-call-history'
import { SnapshotAgent } from './snapshot-agent'

/** The redirect interceptor, by its name of undici 5 and 6. */
declare const createRedirectInterceptor: typeof interceptors.redirect

export { Agent, BalancedPool, Client, Dispatcher, Dispatcher1Wrapper, EnvHttpProxyAgent, Pool, ProxyAgent, RetryAgent }
export { RoundRobinPool, Socks5ProxyAgent, buildConnector, cacheStores, createRedirectInterceptor, errors, interceptors }
export { DecoratorHandler, RedirectHandler, RetryHandler }
export { MockAgent, MockCallHistory, MockCallHistoryLog, MockClient, MockPool, SnapshotAgent, mockErrors }
export { connect, pipeline, request, stream, upgrade, getGlobalDispatcher, setGlobalDispatcher }
export * from './fetch'
export * from './cache'
export * from './websocket'
export * from './cookies'
export * from './content-type'
export * from './util'
export type { Interceptable } from './mock-interceptor'
export type { DiagnosticsChannel } from './diagnostics-channel'

export default Dodici

/** `import dodici from 'dodici'`, or `require('dodici')`, as one object. */
declare namespace Dodici {
  const Agent: typeof import('./agent').default
  const BalancedPool: typeof import('./balanced-pool').default
  const buildConnector: typeof import('./connector').default
  const Client: typeof import('./client').default
  const Dispatcher: typeof import('./dispatcher').default
  const Dispatcher1Wrapper: typeof import('./dispatcher1-wrapper').default
  const EnvHttpProxyAgent: typeof import('./env-http-proxy-agent').default
  const Pool: typeof import('./pool').default
  const ProxyAgent: typeof import('./proxy-agent').default
  const RoundRobinPool: typeof import('./round-robin-pool').default
  const Socks5ProxyAgent: typeof import('./socks5-proxy-agent').default
  const errors: typeof import('./errors').default
  const connect: typeof import('./api').connect
  const pipeline: typeof import('./api').pipeline
  const request: typeof import('./api').request
  const stream: typeof import('./api').stream
  const upgrade: typeof import('./api').upgrade
  const getGlobalDispatcher: typeof import('./global-dispatcher').getGlobalDispatcher
  const setGlobalDispatcher: typeof import('./global-dispatcher').setGlobalDispatcher
  const fetch: typeof import('./fetch').fetch
  const install: typeof import('./fetch').install
  const Headers: typeof import('./fetch').Headers
  const Request: typeof import('./fetch').Request
  const Response: typeof import('./fetch').Response
  const FormData: typeof import('./fetch').FormData
  const File: typeof import('./fetch').File
  const FileReader: typeof import('./fetch').FileReader
  const getGlobalOrigin: typeof import('./fetch').getGlobalOrigin
  const setGlobalOrigin: typeof import('./fetch').setGlobalOrigin
  const WebSocket: typeof import('./websocket').WebSocket
  const CloseEvent: typeof import('./websocket').CloseEvent
  const ErrorEvent: typeof import('./websocket').ErrorEvent
  const MessageEvent: typeof import('./websocket').MessageEvent
  const ping: typeof import('./websocket').ping
  const WebSocketStream: typeof import('./websocket').WebSocketStream
  const WebSocketError: typeof import('./websocket').WebSocketError
  const EventSource: typeof import('./websocket').EventSource
  const getCookies: typeof import('./cookies').getCookies
  const getSetCookies: typeof import('./cookies').getSetCookies
  const setCookie: typeof import('./cookies').setCookie
  const deleteCookie: typeof import('./cookies').deleteCookie
  const parseCookie: typeof import('./cookies').parseCookie
  const parseMIMEType: typeof import('./content-type').parseMIMEType
  const serializeAMimeType: typeof import('./content-type').serializeAMimeType
  const util: typeof import('./util').util
  const DecoratorHandler: typeof import('./handlers').DecoratorHandler
  const RedirectHandler: typeof import('./handlers').RedirectHandler
  const RetryAgent: typeof import('./retry-agent').default
  const RetryHandler: typeof import('./retry-handler').default
  const createRedirectInterceptor: typeof import('./interceptors').default.redirect
  const caches: typeof import('./cache').caches
  const cacheStores: typeof import('./cache-stores').default
  const interceptors: typeof import('./interceptors').default
  const MockAgent: typeof import('./mock-agent').default
  const MockCallHistory: typeof import('./mock-call-history').MockCallHistory
  const MockCallHistoryLog: typeof import('./mock-call-history').MockCallHistoryLog
  const MockClient: typeof import('./mock-client').default
  const MockPool: typeof import('./mock-pool').default
  const SnapshotAgent: typeof import('./snapshot-agent').SnapshotAgent
  const mockErrors: typeof import('./mock-errors').default
}
