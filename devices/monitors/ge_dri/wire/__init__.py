"""The bytes of the Datex-Ohmeda record interface: frames, records, requests, numbers, waves; nothing of their use."""
