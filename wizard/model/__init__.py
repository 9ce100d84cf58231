"""The words of the tool as frozen dataclasses; standard library only, imports nothing of the other rooms."""
