"""The theory held against all there is: evidence for every link, what it says is unrelated, and what nobody tested."""
