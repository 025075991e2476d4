"""The media relay: forwards encrypted audio and video without decoding it.

It knows nothing of patients, visits' rules, Socket.IO or a database: a visit is an opaque id
whose legs, six at most, are joined each to every other. Start reading at `relay.py`.
"""
