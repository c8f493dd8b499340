"""Types of the data that components exchange: frozen dataclasses of NumPy arrays.

Missing is NaN together with ``valid=False``; zeros are a writer's choice. Pixels are those of the upright image, and
they are square. Two containers are equal if all that they hold is.
"""

from posecfg.types.annotations import Slots
from posecfg.types.clip import Clip, Clock, Excluded, Listing
from posecfg.types.detections import Detections
from posecfg.types.downloads import Downloads, Terms, Wanted
from posecfg.types.people import Boxes, Meaning, Person, Poses
from posecfg.types.result import Extraction
from posecfg.types.sight import Sight
from posecfg.types.track import PoseTrack
from posecfg.types.truth import Camera, Truth

__all__ = [
    "Boxes",
    "Camera",
    "Clip",
    "Clock",
    "Detections",
    "Downloads",
    "Excluded",
    "Extraction",
    "Listing",
    "Meaning",
    "Person",
    "PoseTrack",
    "Poses",
    "Sight",
    "Slots",
    "Terms",
    "Truth",
    "Wanted",
]
