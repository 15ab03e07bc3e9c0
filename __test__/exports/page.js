'use strict'

// docs/api/compatibility.md as data: its tables and lists.

const { readFileSync } = require('node:fs')
const path = require('node:path')

const page = readFileSync(path.join(__dirname, '..', '..', 'docs', 'api', 'compatibility.md'), 'utf8')

const linesOf = (title) => page.split(`\n## ${title}\n`)[1].split('\n## ')[0].split('\n')

/**
 * @param {string} title of the section that the table is in
 * @returns {string[][]} its rows without the head, each cell without the marks of code
 */
function table (title) {
  const rows = linesOf(title).filter((line) => line.startsWith('| '))
  return rows.slice(1).map((line) => line.slice(2, -2).split(' | ').map((cell) => cell.replaceAll('`', '').trim()))
}

/**
 * @param {string} title of a section
 * @returns {string[]} the items of its lists
 */
function list (title) {
  return linesOf(title).filter((line) => line.startsWith('- ')).map((line) => line.slice(2).replaceAll('`', ''))
}

module.exports = { table, list }
