"""The data sets: small ones as two tensors on the device, ImageNet as a stream from the disk.

Imports `machine`.
"""

from course.data.dataset import Dataset
from course.data.loading import Images, load
