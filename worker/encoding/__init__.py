"""From bytes to text: decompression, character sets, Unicode normalisation.

In: a body as it was sent, with its headers. Out: bounded bytes, then text in NFC. Pure; runs in the child processes.
Read `decompress`, `charset`, `unicode`, in the order a body passes them.
"""
