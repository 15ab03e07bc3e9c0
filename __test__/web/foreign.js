'use strict'

// Dispatchers of other packages in the place of the dispatcher of the process.

// In this order, and loaded one after the other: undici 8 sets one when it is loaded, under another symbol than the older
// ones, and nobody takes away what stands there. It needs a newer Node.js than we do.
const packages = ['undici5', 'undici6', 'undici7', ...Number(process.versions.node.split('.')[0]) < 22 ? [] : ['undici8']]

/** The dispatcher of the process from now on; returned are the paths that it was asked for. */
function foreign (t, name) {
  const { Agent, setGlobalDispatcher } = require(name)
  const agent = new Agent()
  const paths = []
  const { dispatch } = agent
  agent.dispatch = function (options, handler) {
    paths.push(options.path)
    return dispatch.call(this, options, handler)
  }
  setGlobalDispatcher(agent)
  t.after(() => agent.destroy())
  return paths
}

module.exports = { foreign, packages }
