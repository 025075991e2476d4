// Node's own socket.io server, as its documentation shows it, with the events of the benchmark.
import { createServer } from 'node:http'
import { Server } from 'socket.io'

const http = createServer()
const io = new Server(http, { transports: ['websocket'] })
const people = io.of('/patient')

people.on('connection', (socket) => {
  socket.on('enter', (said, answer) => {
    socket.join(said.room)
    answer({ ok: true })
  })
  socket.on('echo', (said, answer) => {
    answer(said)
  })
  socket.on('relay', (said, answer) => {
    people.to(said.to).emit('message.posted', said.line)
    answer({ ok: true })
  })
})

http.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${http.address().port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
