// The calls as functions: of a URL, through the dispatcher that is given, or else the global one.

import { Duplex } from 'node:stream'
import { URL, UrlObject } from 'node:url'
import Dispatcher from './dispatcher'

export { request, stream, pipeline, connect, upgrade }

type Target = string | URL | UrlObject
type Callback<T> = (error: Error | null, data: T) => void

/** The options of a call, with the path taken from the URL unless it is given. */
type Own<Options, Omitted extends PropertyKey> = Omit<Options, Extract<keyof Options, Omitted>> &
  Partial<Pick<Options, Extract<keyof Options, 'method'>>> & { dispatcher?: Dispatcher, path?: string }

/** See `Dispatcher.request`. The method is GET, or PUT with a body. @throws InvalidArgumentError */
declare function request<TOpaque = null> (url: Target, callback: Callback<Dispatcher.ResponseData<TOpaque>>): void
declare function request<TOpaque = null> (url: Target, options: Own<Dispatcher.RequestOptions<TOpaque>, 'origin' | 'path' | 'method'> | null | undefined, callback: Callback<Dispatcher.ResponseData<TOpaque>>): void
declare function request<TOpaque = null> (url: Target, options?: Own<Dispatcher.RequestOptions<TOpaque>, 'origin' | 'path' | 'method'> | null): Promise<Dispatcher.ResponseData<TOpaque>>

/** See `Dispatcher.stream`. @throws InvalidArgumentError */
declare function stream<TOpaque = null> (url: Target, factory: Dispatcher.StreamFactory<TOpaque>): Promise<Dispatcher.StreamData<TOpaque>>
declare function stream<TOpaque = null> (url: Target, options: Own<Dispatcher.RequestOptions<TOpaque>, 'origin' | 'path' | 'method'>, factory: Dispatcher.StreamFactory<TOpaque>): Promise<Dispatcher.StreamData<TOpaque>>

/** See `Dispatcher.pipeline`. @throws InvalidArgumentError */
declare function pipeline<TOpaque = null> (url: Target, handler: Dispatcher.PipelineHandler<TOpaque>): Duplex
declare function pipeline<TOpaque = null> (url: Target, options: Own<Dispatcher.PipelineOptions<TOpaque>, 'origin' | 'path' | 'method'>, handler: Dispatcher.PipelineHandler<TOpaque>): Duplex

/** See `Dispatcher.connect`. @throws InvalidArgumentError */
declare function connect<TOpaque = null> (url: Target, options?: Own<Dispatcher.TunnelOptions<TOpaque>, 'origin' | 'path'> | null): Promise<Dispatcher.ConnectData<TOpaque>>
declare function connect<TOpaque = null> (url: Target, options: Own<Dispatcher.TunnelOptions<TOpaque>, 'origin' | 'path'>, callback: Callback<Dispatcher.ConnectData<TOpaque>>): void

/** See `Dispatcher.upgrade`. @throws InvalidArgumentError */
declare function upgrade<TOpaque = null> (url: Target, options?: Own<Dispatcher.UpgradeOptions<TOpaque>, 'origin' | 'path'> | null): Promise<Dispatcher.UpgradeData<TOpaque>>
declare function upgrade<TOpaque = null> (url: Target, options: Own<Dispatcher.UpgradeOptions<TOpaque>, 'origin' | 'path'>, callback: Callback<Dispatcher.UpgradeData<TOpaque>>): void
